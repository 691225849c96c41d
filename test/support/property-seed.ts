import fc from 'fast-check';

/**
 * Property tests try the same inputs in every run, so that a failure belongs to the change that made it. To search
 * anew, give another seed: `FIELDWATCH_SEED=$RANDOM npx vitest run test/evasion`.
 */
fc.configureGlobal({ seed: Number(process.env['FIELDWATCH_SEED'] ?? 20_260_101) });
