import { dirname, sep } from 'node:path';
import type { RuleSettings } from '../model/rule-settings.js';

/**
 * Takes out of a text what stands before the names of the user's rule files and folders: where they lie on this machine
 * is nobody's business who may only look.
 */
export function withoutFolders({ paths, folder }: RuleSettings): (text: string) => string {
  const roots = [...(folder === undefined ? [] : [folder]), ...paths.map(dirname).filter((path) => path !== '.')]
    .map((path) => (path.endsWith(sep) ? path : path + sep))
    .sort((one, other) => other.length - one.length);
  return (text) => roots.reduce((rest, root) => (root === sep ? rest : rest.replaceAll(root, '')), text);
}
