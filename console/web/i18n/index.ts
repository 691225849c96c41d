import { en, type Messages } from './en.ts';

/** The languages that exist, by the browser's language code. */
const LANGUAGES: Readonly<Record<string, Messages>> = { en };

/** `locale` is the reader's own variety of the language (en-GB, de-AT), which decides how dates and numbers look. */
function choose(): { code: string; locale: string; messages: Messages } {
  for (const locale of navigator.languages) {
    const code = locale.slice(0, 2).toLowerCase();
    const messages = LANGUAGES[code];
    if (messages) return { code, locale, messages };
  }
  return { code: 'en', locale: 'en', messages: en };
}

const chosen = choose();

export const t: Messages = chosen.messages;
export const language = chosen.code;
export const locale = chosen.locale;
