import type { Command } from 'commander';
import { type LoadedConfig, loadConfig } from '../config.js';
import type { ExportServiceOptions } from '../export/service.js';
import { productVersion } from '../product.js';

/** These read their settings themselves: live has flags for most of them, doctor reports a mistake as one of its checks. */
const READ_THEMSELVES: ReadonlySet<string> = new Set(['live', 'doctor']);

let current: LoadedConfig | null = null;

/** Settings of the command that runs, as flags, environment and settings file have them. */
export function currentSettings(): LoadedConfig {
  current ??= loadConfig();
  return current;
}

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

const has = (command: Command, flag: string) => command.options.some(({ long }) => long === flag);

/**
 * Gives every command `--config`, checks the settings before it begins, and puts the data directory that they name in
 * the place of an absent `--data`. A wrong setting is a `ConfigError`.
 */
export function applySettings(program: Command): void {
  for (const command of leaves(program))
    if (!has(command, '--config'))
      command.option('--config <file>', 'settings file (FIELDWATCH_CONFIG; fieldwatch.yaml where there is one)');
  program.hook('preAction', (_, command) => {
    if (READ_THEMSELVES.has(command.name())) return;
    const flags = command.opts<{ config?: string; data?: string }>();
    const layer = flags.data === undefined ? {} : { data: flags.data };
    current = loadConfig({ file: flags.config, flags: layer });
    if (has(command, '--data')) command.setOptionValue('data', current.config.data);
  });
}

/** What the delivery of messages is told, wherever it runs; plain data. */
export function exportOptions(
  { config, file }: LoadedConfig,
  over: { data?: string; sensor?: string; site?: string } = {},
): Omit<ExportServiceOptions, 'tell'> {
  return {
    data: over.data ?? config.data,
    config: config.export,
    hasFile: file !== null,
    origin: { sensor: over.sensor ?? config.sensor, site: over.site ?? config.site, version: productVersion() },
  };
}
