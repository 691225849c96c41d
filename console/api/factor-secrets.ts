import { DeliveryError } from '../../sensor/export/exporter.js';
import { SecretBox } from '../../sensor/export/secrets.js';
import type { ConsoleStore } from '../../sensor/store/console/console-store.js';
import { ApiError } from './errors.js';

const SEALED = 'sealed:';

/**
 * The keys of second factors, encrypted with the data folder's key file: whoever gets hold of the database alone (a
 * backup, say) cannot compute anybody's codes.
 */
export class FactorSecrets {
  readonly #accounts: ConsoleStore;
  readonly #box: SecretBox;

  constructor(accounts: ConsoleStore, dataDir: string) {
    this.#accounts = accounts;
    this.#box = new SecretBox(dataDir);
  }

  /** '' when the user has none. @throws ApiError when the key file is gone. */
  of(user: string): string {
    const stored = this.#accounts.totpSecret(user);
    // As earlier versions stored it.
    if (!stored.startsWith(SEALED)) return stored;
    return this.#told(() => this.#box.open(nameOf(user), stored.slice(SEALED.length)));
  }

  seal(user: string, secret: string): string {
    return this.#told(() => SEALED + this.#box.seal(nameOf(user), secret));
  }

  #told(work: () => string): string {
    try {
      return work();
    } catch (error) {
      if (error instanceof DeliveryError) throw new ApiError(503, 'secret_key', error.message);
      throw error;
    }
  }
}

function nameOf(user: string): string {
  return `totp of ${user.toLowerCase()}`;
}
