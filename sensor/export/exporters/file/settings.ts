import { Type } from 'typebox';

export const FileSettings = {
  path: Type.String({
    minLength: 1,
    maxLength: 4096,
    description: 'File that messages are appended to, one a line. A relative path starts at the data folder.',
  }),
  rotate_megabytes: Type.Integer({
    default: 100,
    minimum: 1,
    maximum: 100_000,
    description: 'The file is renamed (.1 is the newest) and begun anew at this size.',
  }),
  keep_files: Type.Integer({
    default: 10,
    minimum: 1,
    maximum: 1000,
    description: 'Renamed files that are kept.',
  }),
  readable_by_group: Type.Boolean({
    default: false,
    description: "Whether the file's group may read it, so that a log shipper of another user can.",
  }),
};
