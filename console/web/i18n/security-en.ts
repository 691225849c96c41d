/** Texts about signing in at a service and the second factor, in English; part of `en.ts`. */

export const securityEn = {
  service: {
    or: 'or',
    signIn: (name: string) => `Sign in with ${name}`,
    again: (name: string) => `Sign in again with ${name}`,
    againText: (name: string) =>
      `This changes who may do what, or what is told. Prove once more at ${name} who you are, then do it again.`,
    external: 'Sign-in service',
    externalText: (name: string) =>
      `You sign in with ${name}. Password, second factor and what you may do are kept there.`,
    local: 'This console',
    kind: 'Signs in at',
    problems: {
      unreachable: 'The sign-in service does not answer. Try again, or sign in with an account of this console.',
      expired: 'The sign-in took too long, or began in another window. Please begin again.',
      denied: 'The sign-in service did not let you in.',
      refused: 'What the sign-in service answered could not be trusted. The log of the console says why.',
      no_role: 'You are known, but none of your groups may use this console. Ask whoever manages the groups.',
      no_name: 'The sign-in service gives no name that this console can use. Ask whoever manages it.',
      name_taken: 'An account of this console already has your name. One of the two needs another name: ask an admin.',
      disabled: 'Your account is disabled here. Ask an admin.',
      last_admin: 'You would be the last admin to lose that role here. Make somebody else admin first.',
    } as Record<string, string>,
  },
  tokenScope: {
    title: 'Limited to',
    hint: 'Nothing chosen: everything that its role may do.',
    all: 'all that its role may',
    names: {
      alerts: 'Alerts',
      assets: 'Devices',
      network: 'Conversations and map',
      process: 'Process values',
      baseline: 'Baseline',
      rules: 'Rules',
      captures: 'Capture files',
      reports: 'Reports',
      health: 'Health and metrics',
      export: 'Export',
      accounts: 'Accounts',
      audit: 'Audit log',
    } as Record<string, string>,
  },
  factor: {
    scan: 'Scan this with an authenticator app (time-based codes), then enter the code that it shows.',
    picture: 'QR code of the key',
    byHand: 'Or type the key in:',
    recoveryLeft: (left: number) => (left === 1 ? 'One recovery code is left.' : `${left} recovery codes are left.`),
    recoveryFew: 'Take the second factor away and set it up anew to get eight fresh ones.',
    save: 'Save as a text file',
    saveTitle: (name: string) => `Recovery codes of Fieldwatch for ${name}. Each is good once.`,
  },
};
