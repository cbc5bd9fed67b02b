/** Ringing: a sound and a flashing title for as long as something is offered. */

import { useLocalStorage } from "@mantine/hooks";
import { useEffect } from "react";

const PAUSE = 3_000;
const FLASH = 1_000;

/** Whether offers are heard, on this computer. */
export function useSound(): [boolean, (on: boolean) => void] {
  const [on, setOn] = useLocalStorage({
    key: "desk sound",
    defaultValue: true,
    getInitialValueInEffect: false,
  });
  return [on, setOn];
}

/** `title` is what the tab says in turn with its own title; null is silence. */
export function useRing(title: string | null): void {
  const [sound] = useSound();
  useEffect(() => {
    if (title === null || !sound) return;
    play();
    const timer = setInterval(play, PAUSE);
    return () => clearInterval(timer);
  }, [title, sound]);
  useEffect(() => {
    if (title === null) return;
    let own = document.title;
    const flash = () => {
      if (document.title === title) document.title = own;
      else {
        own = document.title;
        document.title = title;
      }
    };
    flash();
    const timer = setInterval(flash, FLASH);
    return () => {
      clearInterval(timer);
      if (document.title === title) document.title = own;
    };
  }, [title]);
}

let audio: AudioContext | null = null;

/** Two short tones; of several tabs only one plays. */
function play(): void {
  const once = async () => {
    // Browsers let nothing sound before somebody has clicked or typed.
    if (navigator.userActivation && !navigator.userActivation.hasBeenActive) return;
    audio ??= new AudioContext();
    if (audio.state === "suspended") await Promise.race([audio.resume(), later(200)]);
    if (audio.state !== "running") return;
    tone(audio, 660, 0);
    tone(audio, 880, 0.22);
    await later(PAUSE / 2);
  };
  if (!navigator.locks) once();
  else navigator.locks.request("ring", { ifAvailable: true }, async (lock) => lock && once());
}

function tone(context: AudioContext, frequency: number, from: number): void {
  const start = context.currentTime + from;
  const source = context.createOscillator();
  const volume = context.createGain();
  source.frequency.value = frequency;
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(0.18, start + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, start + 0.2);
  source.connect(volume).connect(context.destination);
  source.start(start);
  source.stop(start + 0.22);
}

function later(wait: number): Promise<void> {
  return new Promise((done) => setTimeout(done, wait));
}
