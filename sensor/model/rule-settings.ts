/** What the settings say of rules; plain data, because it crosses a thread. */
export interface RuleSettings {
  /** Files and folders of rules beside the product's. */
  readonly paths: readonly string[];
  /** Folder of the rules that people made in the console; it may not be there yet. */
  readonly folder?: string;
  /** Ids of rules that are not used. */
  readonly disabled: readonly string[];
  /** File in which what was read is kept for the next start. */
  readonly cache?: string;
  /** Values for `%name%`. */
  readonly placeholders: readonly { readonly name: string; readonly values: readonly (string | number)[] }[];
}

export const NO_RULE_SETTINGS: RuleSettings = { paths: [], disabled: [], placeholders: [] };
