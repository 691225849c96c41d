import { Command, CommanderError } from 'commander';
import { productVersion } from '../product.js';
import { EXIT } from './cli-error.js';
import { applySettings } from './settings.js';
import { safeText } from './terminal.js';

/**
 * A command's module: adds itself to the program. Its action sets `process.exitCode` when it is not 0, throws
 * `UsageError` for a user's mistake, and anything else for a failure.
 */
export type RegisterCommand = (program: Command) => void;

/** By the first word of the command line. Only the module that is needed is loaded: a replay starts in a tenth of a second. */
const COMMANDS: Readonly<Record<string, () => Promise<RegisterCommand>>> = {
  replay: async () => (await import('./replay.js')).registerReplay,
  dissect: async () => (await import('./dissect.js')).registerDissect,
  live: async () => (await import('./live.js')).registerLive,
  doctor: async () => (await import('./doctor.js')).registerDoctor,
  assets: async () => (await import('./assets.js')).registerAssets,
  alerts: listings,
  conversations: listings,
  variables: listings,
  baseline: async () => (await import('./baseline.js')).registerBaseline,
  rules: async () => (await import('./rules.js')).registerRules,
  user: async () => (await import('./user.js')).registerUser,
  audit: async () => (await import('./audit.js')).registerAudit,
  report: async () => (await import('./report.js')).registerReport,
  console: async () => (await import('./console.js')).registerConsole,
  export: async () => (await import('./export.js')).registerExport,
  demo: async () => (await import('./demo.js')).registerDemo,
};

async function listings(): Promise<RegisterCommand> {
  return (await import('./listings.js')).registerListings;
}

/** Errors that are the user's to mend; known by name, because their modules are loaded only where they are used. */
const USER_ERRORS: ReadonlySet<string> = new Set(['UsageError', 'CaptureError', 'ConfigError', 'StoreError']);

async function build(args: readonly string[]): Promise<Command> {
  const program = new Command('fieldwatch')
    .description('Passive network security monitor for industrial plants.')
    .version(productVersion())
    .helpCommand('help [command]', 'show what a command does')
    .exitOverride()
    .showHelpAfterError('(fieldwatch help lists the commands)');
  const first = args[0] ?? '';
  const wanted = Object.hasOwn(COMMANDS, first) ? [COMMANDS[first]!] : new Set(Object.values(COMMANDS));
  for (const load of wanted) (await load())(program);
  for (const command of program.commands) command.exitOverride();
  applySettings(program);
  return program;
}

export function createProgram(): { run(args: string[]): Promise<number> } {
  return {
    async run(args) {
      try {
        const program = await build(args);
        await program.parseAsync(args, { from: 'user' });
        return Number(process.exitCode ?? EXIT.done);
      } catch (error) {
        if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
        if (error instanceof Error && USER_ERRORS.has(error.name)) {
          // File names and addresses may hold anything; settings' mistakes are told line by line.
          const message = error.name === 'ConfigError' ? error.message : safeText(error.message);
          process.stderr.write(`fieldwatch: ${message}\n`);
          return EXIT.usage;
        }
        process.stderr.write(
          `fieldwatch: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
        );
        return EXIT.failed;
      }
    },
  };
}
