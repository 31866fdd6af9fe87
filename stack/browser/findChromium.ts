import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export type BrowserSearch =
  | { readonly found: true; readonly path: string }
  | { readonly found: false; readonly advice: string };

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const MAC_PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * The Chromium of this system: `EBAP_CHROMIUM`, else the first one on PATH. Playwright's own download is not used:
 * it needs a host that closed machines do not reach.
 */
export function findChromium(env: NodeJS.ProcessEnv, places: readonly string[] = MAC_PLACES): BrowserSearch {
  const named = env.EBAP_CHROMIUM;
  if (named !== undefined && named !== '') {
    if (isProgram(named)) return { found: true, path: named };
    return { found: false, advice: `EBAP_CHROMIUM names ${named}, which is not a program.` };
  }
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...places];
  const path = candidates.find(isProgram);
  if (path !== undefined) return { found: true, path };
  return {
    found: false,
    advice:
      'The browser journeys need Chromium and found none on PATH. Install it (Debian, Ubuntu: apt-get install chromium; ' +
      'Fedora: dnf install chromium; macOS: brew install --cask chromium) or set EBAP_CHROMIUM to its program.',
  };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
