#!/usr/bin/env node
import { createProgram } from './cli/program.js';

process.exitCode = await createProgram().run(process.argv.slice(2));
