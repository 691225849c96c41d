import { type Phrases, translator } from '../../texts/phrases.ts';
import type { decisionsEn } from './decisions-en.ts';
import type { Messages } from './en.ts';

/** The languages that exist, by the browser's language code; only the one that is used is loaded. */
const LANGUAGES: Readonly<Record<string, () => Promise<Messages>>> = {
  en: async () => (await import('./en.ts')).en,
  de: async () => (await import('./de.ts')).de,
};

type DecisionTexts = typeof decisionsEn;

/** Texts of the pages on which people decide; loaded with these pages, because the first one does without. */
const DECISIONS: Readonly<Record<string, () => Promise<DecisionTexts>>> = {
  en: async () => (await import('./decisions-en.ts')).decisionsEn,
  de: async () => (await import('./decisions-de.ts')).decisionsDe,
};

/** Languages that also have words for what the sensor says. */
const SENSOR_PHRASES: Readonly<Record<string, () => Promise<Phrases>>> = {
  de: async () => (await import('../../texts/sensor-de/index.ts')).sensorDe,
};

export const LANGUAGE_CODES = Object.keys(LANGUAGES);

const KEY = 'fieldwatch.language';

/** What the user chose; '' for the browser's own order of languages. */
export function storedLanguage(): string {
  try {
    const stored = localStorage.getItem(KEY) ?? '';
    return LANGUAGE_CODES.includes(stored) ? stored : '';
  } catch {
    // Storage may be forbidden in this browser; its own languages then decide.
    return '';
  }
}

/** Takes effect by loading the page anew: texts are read in many places once and for all. */
export function chooseLanguage(code: string): void {
  try {
    if (code === '') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, code);
  } catch {
    return;
  }
  window.location.reload();
}

/** `locale` is the reader's own variety of the language (en-GB, de-AT), which decides how dates and numbers look. */
function choose(): { code: string; locale: string } {
  const stored = storedLanguage();
  for (const locale of navigator.languages) {
    const code = locale.slice(0, 2).toLowerCase();
    if (stored === '' ? code in LANGUAGES : code === stored) return { code, locale };
  }
  return stored === '' ? { code: 'en', locale: 'en' } : { code: stored, locale: stored };
}

/** Set before any other module of the page is loaded (main.tsx), so that all may read them at their top level. */
export let t: Messages & DecisionTexts;
export let language = 'en';
export let locale = 'en';
/** The sensor's own sentences (alerts, rules, anomalies, health) in this language; what people wrote stays as it is. */
export let said: (english: string) => string = (english) => english;

export async function loadLanguage(): Promise<void> {
  const chosen = choose();
  const phrases = SENSOR_PHRASES[chosen.code]?.();
  // The rest comes with `loadDecisionTexts`, before a page that reads it is shown.
  t = { ...(await (LANGUAGES[chosen.code] ?? (async () => (await import('./en.ts')).en))()) } as typeof t;
  if (phrases) said = translator(await phrases);
  language = chosen.code;
  locale = chosen.locale;
}

/** Before a page that reads `t.decisions` is shown. */
export async function loadDecisionTexts(): Promise<void> {
  Object.assign(t, await (DECISIONS[language] ?? (async () => (await import('./decisions-en.ts')).decisionsEn))());
}
