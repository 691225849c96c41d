/** rsyslog as the benchmarks' receiver, on the loopback interface (apt install rsyslog rsyslog-openssl). */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

export const freePort = () =>
  new Promise((done) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

/** Writes each message as `template` has it to `folder/out`. `inputs`: parameters of imtcp, one input each. */
export async function startRsyslog(folder, template, inputs, globals = '') {
  const config = join(folder, 'rsyslog.conf');
  writeFileSync(
    config,
    `global(maxMessageSize="64k" workDirectory="${folder}" ${globals})
module(load="imtcp")
template(name="m" type="string" string="${template}\\n")
ruleset(name="w"){ action(type="omfile" file="${join(folder, 'out')}" template="m") }
${inputs.map((input) => `input(type="imtcp" address="127.0.0.1" ruleset="w" ${input})`).join('\n')}
`,
  );
  const child = spawn('rsyslogd', ['-n', '-f', config, '-i', join(folder, 'pid')], { stdio: 'ignore' });
  await new Promise((done) => setTimeout(done, 1500));
  return child;
}
