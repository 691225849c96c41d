import { Command, CommanderError } from 'commander';
import { CaptureError } from '../capture/packet.js';
import { ConfigError } from '../config.js';
import { productVersion } from '../pipeline/create-sensor.js';
import { registerBaseline } from './baseline.js';
import { EXIT, UsageError } from './cli-error.js';
import { registerConsole } from './console.js';
import { registerDemo } from './demo.js';
import { registerDissect } from './dissect.js';
import { registerDoctor } from './doctor.js';
import { registerListings } from './listings.js';
import { registerLive } from './live.js';
import { registerReplay } from './replay.js';
import { registerUser } from './user.js';

/**
 * A command's module: adds itself to the program. Its action sets `process.exitCode` when it is not 0, throws
 * `UsageError` for a user's mistake, and anything else for a failure.
 */
export type RegisterCommand = (program: Command) => void;

const COMMANDS: readonly RegisterCommand[] = [
  registerReplay,
  registerDissect,
  registerLive,
  registerDoctor,
  registerListings,
  registerBaseline,
  registerUser,
  registerConsole,
  registerDemo,
];

export function createProgram(): { run(args: string[]): Promise<number> } {
  const program = new Command('fieldwatch')
    .description('Passive network security monitor for industrial plants.')
    .version(productVersion())
    .helpCommand('help [command]', 'show what a command does')
    .exitOverride()
    .showHelpAfterError('(fieldwatch help lists the commands)');
  for (const register of COMMANDS) register(program);
  for (const command of program.commands) command.exitOverride();
  return {
    async run(args) {
      try {
        await program.parseAsync(args, { from: 'user' });
        return Number(process.exitCode ?? EXIT.done);
      } catch (error) {
        if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
        if (error instanceof UsageError || error instanceof CaptureError || error instanceof ConfigError) {
          process.stderr.write(`fieldwatch: ${error.message}\n`);
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
