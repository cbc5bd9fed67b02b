/** What was played stays in this tab of the browser, so that one can look at a place and come back. */

import { useEffect } from "react";
import type { Act, Setting } from "./script";

interface Kept {
  setting: Partial<Setting>;
  acts: Act[];
}

const KEY = "preview";

/** What was played at this address before, if anything was. */
export function remembered(address: string): Kept | null {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    return found?.address === address ? { setting: found.setting, acts: found.acts } : null;
  } catch {
    return null;
  }
}

export function useRemembering(address: string, setting: Setting, acts: Act[]): void {
  useEffect(() => {
    // A position is read anew: it may be large.
    const { stored: _, ...rest } = setting;
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ address, setting: rest, acts }));
    } catch {
      // A full storage only means that it is not there when one comes back.
    }
  }, [address, setting, acts]);
}
