import type { RuleSettings } from '../model/rule-settings.js';
import type { Site } from '../model/site.js';
import { loadRules, stateOfFiles } from '../pipeline/rule-loading.js';
import { withoutFolders } from '../pipeline/rule-paths.js';

export interface RuleWatchActions {
  /** The files have changed and are sound: `count` rules are to be used from now on. */
  readonly use: (count: number) => void;
  /** They have changed and are broken: one sentence. The rules in use stay. */
  readonly refuse: (sentence: string) => void;
}

/** Notices when the user's rule files change, and lets only sound ones through. */
export class RuleWatch {
  readonly #settings: RuleSettings;
  readonly #site: Site | undefined;
  readonly #actions: RuleWatchActions;
  #used: string;
  #lastSeen: string;

  constructor(settings: RuleSettings, site: Site | undefined, actions: RuleWatchActions) {
    this.#settings = settings;
    this.#site = site;
    this.#actions = actions;
    this.#used = this.#state();
    this.#lastSeen = this.#used;
  }

  /** Looks once. A change counts when it is the same at the next look: files are written one after the other. */
  look(): void {
    const state = this.#state();
    const isSettled = state === this.#lastSeen;
    this.#lastSeen = state;
    if (isSettled && state !== this.#used) this.reload();
  }

  /** Loads now, whether anything has changed or not. */
  reload(): void {
    this.#used = this.#state();
    this.#lastSeen = this.#used;
    const { errors, rules } = loadRules(this.#settings, this.#site);
    const [first] = errors;
    if (first === undefined) {
      this.#actions.use(rules.length);
      return;
    }
    const more = errors.length > 1 ? ` and ${errors.length - 1} more mistakes` : '';
    this.#actions.refuse(
      `The rules have changed and do not load: ${withoutFolders(this.#settings)(first.message)}${more}. The rules from before stay in use.`,
    );
  }

  #state(): string {
    return stateOfFiles(this.#settings);
  }
}
