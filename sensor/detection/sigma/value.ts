import type { Network } from './network.js';
import type { Regex, RegexFlags } from './regex.js';
import type { TextPart } from './text.js';

export type CompareOperator = 'lt' | 'lte' | 'gt' | 'gte';
export const TIME_PARTS = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const;
export type TimePart = (typeof TIME_PARTS)[number];

export interface TextValue {
  readonly kind: 'text';
  readonly parts: readonly TextPart[];
  readonly isCased: boolean;
  /** The characters are bytes (0 to 255), as the UTF-16 modifiers make them. */
  readonly isBytes: boolean;
  /** As it stands in the rule: a regular expression is taken from here. */
  readonly original: string;
}

export interface RegexValue {
  readonly kind: 'regex';
  readonly source: string;
  readonly flags: RegexFlags;
  readonly regex: Regex;
}

export interface FieldReference {
  readonly kind: 'fieldref';
  readonly field: string;
  /** Which part of the field's text the other field's text must be. */
  readonly at: 'whole' | 'start' | 'end' | 'anywhere';
  readonly isCased: boolean;
}

/** What a field is compared with, after all modifiers. */
export type Value =
  | TextValue
  | RegexValue
  | FieldReference
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'cidr'; readonly network: Network }
  | {
      readonly kind: 'compare';
      readonly operator: CompareOperator;
      readonly limit: number;
      /** The part of a time that is compared; null: the number itself. */
      readonly part: TimePart | null;
    }
  | { readonly kind: 'time'; readonly part: TimePart; readonly value: number }
  | { readonly kind: 'exists'; readonly expected: boolean }
  /** One of several forms of one value, as `windash` and `base64offset` make them. */
  | { readonly kind: 'any'; readonly values: readonly Value[] };

/** One line of a search: a field (null: the whole event) and what it is compared with. */
export interface SearchItem {
  readonly field: string | null;
  readonly values: readonly Value[];
  /** All values must match instead of any. */
  readonly isAll: boolean;
  /** The whole item is turned round (`neq`). */
  readonly isNegated: boolean;
  readonly line: number;
  readonly column: number;
}

/** Any of the maps matches; within a map, all items. */
export type Search = readonly (readonly SearchItem[])[];
