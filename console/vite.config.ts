import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const API = process.env.SWITCHBOARD_URL ?? "http://127.0.0.1:8000";

// The API serves what is built under this path; while developing, Vite serves the pages and asks the API.
export default defineConfig({
  base: "/console/",
  plugins: [react()],
  server: { proxy: { "/api": API, "/openapi.json": API, "/attachments": API } },
  build: { chunkSizeWarningLimit: 900 },
});
