import { Option } from 'commander';
import { ConsoleStore, ROLES, type Role } from '../store/console/console-store.js';
import { checkNewPassword, hashPassword } from '../store/console/password.js';
import { StoreError } from '../store/store.js';
import { UsageError } from './cli-error.js';
import { formatTable } from './listings.js';
import type { RegisterCommand } from './program.js';
import { dataDir } from './terminal.js';

const MAX_PASSWORD_INPUT_BYTES = 4096;
const COMMAND_LINE = { user: 'local', source: 'command line' } as const;

/** The first line of standard input. @throws UsageError when there is none. */
async function passwordFromStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > MAX_PASSWORD_INPUT_BYTES) break;
  }
  const line = Buffer.concat(chunks).toString('utf8').split(/\r?\n/, 1)[0] ?? '';
  if (line === '')
    throw new UsageError('No password came on standard input: pipe it in, for example from a password manager.');
  return line;
}

async function withAccounts(
  flag: string | undefined,
  work: (accounts: ConsoleStore) => Promise<void> | void,
): Promise<void> {
  try {
    const accounts = new ConsoleStore(dataDir(flag));
    try {
      await work(accounts);
    } finally {
      accounts.close();
    }
  } catch (error) {
    if (error instanceof StoreError) throw new UsageError(error.message);
    throw error;
  }
}

const roleOption = () => new Option('--role <role>', 'what the user may do').choices(ROLES).makeOptionMandatory();

interface UserFlags {
  data?: string;
  json?: boolean;
  name: string;
  role: Role;
  passwordStdin?: boolean;
}

export const registerUser: RegisterCommand = (program) => {
  const user = program
    .command('user')
    .description('accounts of the console: add, list, disable, reset the password, change the role');
  const data = ['--data <dir>', 'data directory (FIELDWATCH_DATA; ./fieldwatch-data)'] as const;

  user
    .command('add')
    .description('add a user; the password comes on standard input')
    .requiredOption('--name <name>', 'name to sign in with')
    .addOption(roleOption())
    .option('--password-stdin', 'read the password from standard input (the only way there is)')
    .option(...data)
    .action((flags: UserFlags) =>
      withAccounts(flags.data, async (accounts) => {
        if (!flags.passwordStdin) {
          throw new UsageError(
            'A password on the command line could be seen by others: give --password-stdin and pipe it in.',
          );
        }
        const password = await passwordFromStdin();
        checkNewPassword(password, flags.name);
        accounts.addUser(flags.name, flags.role, await hashPassword(password), COMMAND_LINE);
        process.stdout.write(`${flags.name} can sign in as ${flags.role}.\n`);
      }),
    );

  user
    .command('list')
    .description('list the users')
    .option('--json', 'NDJSON, one user a line')
    .option(...data)
    .action((flags: UserFlags) =>
      withAccounts(flags.data, (accounts) => {
        const users = accounts.users();
        if (flags.json) for (const item of users) process.stdout.write(`${JSON.stringify(item)}\n`);
        else {
          const rows = users.map((item) => [item.name, item.role, item.disabled ? 'disabled' : 'active', item.created]);
          process.stdout.write(formatTable(['NAME', 'ROLE', 'STATE', 'CREATED'], rows));
        }
      }),
    );

  user
    .command('disable')
    .description('keep a user from signing in and end all sessions; --enable takes it back')
    .requiredOption('--name <name>', 'name of the user')
    .option('--enable', 'let the user sign in again')
    .option(...data)
    .action((flags: UserFlags & { enable?: boolean }) =>
      withAccounts(flags.data, (accounts) => {
        accounts.setDisabled(flags.name, !flags.enable, COMMAND_LINE);
        process.stdout.write(`${flags.name} is ${flags.enable ? 'active' : 'disabled'}.\n`);
      }),
    );

  user
    .command('reset')
    .description('give a user a new password (standard input), take the second factor away and end all sessions')
    .requiredOption('--name <name>', 'name of the user')
    .option('--password-stdin', 'read the password from standard input (the only way there is)')
    .option(...data)
    .action((flags: UserFlags) =>
      withAccounts(flags.data, async (accounts) => {
        if (!flags.passwordStdin)
          throw new UsageError(
            'A password on the command line could be seen by others: give --password-stdin and pipe it in.',
          );
        const known = accounts.users().find(({ name }) => name.toLowerCase() === flags.name.toLowerCase());
        if (known?.external)
          throw new UsageError(`${known.name} signs in at the sign-in service: change the password there.`);
        const password = await passwordFromStdin();
        checkNewPassword(password, flags.name);
        accounts.setPassword(flags.name, await hashPassword(password), COMMAND_LINE, null);
        if (known?.totp) accounts.setTotp(known.name, '', [], COMMAND_LINE);
        process.stdout.write(`${flags.name} can sign in with the new password.\n`);
      }),
    );

  user
    .command('role')
    .description('change what a user may do; ends the sessions of that user')
    .requiredOption('--name <name>', 'name of the user')
    .addOption(roleOption())
    .option(...data)
    .action((flags: UserFlags) =>
      withAccounts(flags.data, (accounts) => {
        accounts.setRole(flags.name, flags.role, COMMAND_LINE);
        process.stdout.write(`${flags.name} is now ${flags.role}.\n`);
      }),
    );
};
