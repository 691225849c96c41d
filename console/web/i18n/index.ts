import { en, type Messages } from './en.ts';

/** The languages that exist, by the browser's language code. */
const LANGUAGES: Readonly<Record<string, Messages>> = { en };

function choose(): { code: string; messages: Messages } {
  for (const wanted of navigator.languages) {
    const code = wanted.slice(0, 2).toLowerCase();
    const messages = LANGUAGES[code];
    if (messages) return { code, messages };
  }
  return { code: 'en', messages: en };
}

const chosen = choose();

export const t: Messages = chosen.messages;
export const language = chosen.code;
