import type { AlertQuery, AssetQuery } from '../../sensor/store/store.js';
import { searcher, type Wordings } from '../texts/phrases.js';
import { roleDe } from '../texts/report-de.js';
import { roleEn } from '../texts/report-en.js';
import { sensorDe } from '../texts/sensor-de/index.js';

export const SEARCH_LANGUAGES = ['en', 'de'] as const;
/** What the person who searches reads: English is how everything is stored. */
export type SearchLanguage = (typeof SEARCH_LANGUAGES)[number];

const ROLE_NAMES: Readonly<Record<SearchLanguage, Readonly<Record<string, string>>>> = { en: roleEn, de: roleDe };
const NONE: Wordings = { titles: [], parts: [] };

let german: ((text: string) => Wordings) | undefined;

/** The English wordings of what somebody looks for in the sensor's sentences. */
export function wordingsOf(text: string, language: SearchLanguage | undefined): Wordings {
  if (language !== 'de' || text === '') return NONE;
  german ??= searcher(sensorDe);
  return german(text);
}

/** A search for alerts that also finds what the reader's language says. */
export function alertSearch(q: string | undefined, language: SearchLanguage | undefined): Partial<AlertQuery> {
  const text = q?.trim() ?? '';
  return text === '' ? {} : { q: text, wordings: wordingsOf(text, language) };
}

/** A search for devices that also finds roles by the names that the pages show. */
export function assetSearch(q: string | undefined, language: SearchLanguage | undefined): Partial<AssetQuery> {
  const text = q?.trim() ?? '';
  if (text === '') return {};
  const named = Object.entries(ROLE_NAMES[language ?? 'en']).filter(([, name]) =>
    name.toLowerCase().includes(text.toLowerCase()),
  );
  return { q: text, roles: named.map(([role]) => role) };
}

/** Whether a text of the sensor, or what the reader's language makes of it, has what is looked for. */
export function isFound(text: string, wanted: string, { titles, parts }: Wordings): boolean {
  const english = text.toLowerCase();
  return english.includes(wanted) || titles.includes(english) || parts.some((part) => english.includes(part));
}
