#!/usr/bin/env node
import { createProgram } from './cli/program.js';

// The reader of a pipe may stop early (`| head`): that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await createProgram().run(process.argv.slice(2));
