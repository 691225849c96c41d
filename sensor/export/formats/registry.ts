import type { FormatName } from '../settings.js';
import { cefFormat } from './cef/index.js';
import { ecsFormat } from './ecs/index.js';
import { eveFormat } from './eve/index.js';
import type { Format } from './format.js';
import { jsonFormatOfOurs } from './json/index.js';
import { leefFormat } from './leef/index.js';
import { ocsfFormat } from './ocsf/index.js';

/** Every format: a new one is a folder and a line here. */
export const FORMATS: Readonly<Record<FormatName, Format>> = {
  json: jsonFormatOfOurs,
  cef: cefFormat,
  leef: leefFormat,
  ecs: ecsFormat,
  ocsf: ocsfFormat,
  eve: eveFormat,
};
