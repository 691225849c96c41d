import type { Command } from 'commander';
import { type ConfigLayer, type LoadedConfig, loadConfig } from '../config.js';

/** Flags that every command takes which works on a data directory. */
export interface CommonFlags {
  data?: string;
  config?: string;
}

/** Adds `--data` and `--config`. */
export function withCommonFlags(command: Command): Command {
  return command
    .option('--data <dir>', 'data directory (FIELDWATCH_DATA; ./fieldwatch-data)')
    .option('--config <file>', 'settings file (FIELDWATCH_CONFIG; ./fieldwatch.yaml where there is one)');
}

/** The settings as the command line, the environment and the settings file have them. Throws `ConfigError`. */
export function commandSettings(flags: CommonFlags, more: ConfigLayer = {}): LoadedConfig {
  return loadConfig({ file: flags.config, flags: { ...more, data: flags.data } as ConfigLayer });
}

/** For commands that need nothing but the folder. Throws `ConfigError`. */
export function dataFolder(flags: CommonFlags): string {
  return commandSettings(flags).config.data;
}
