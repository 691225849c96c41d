import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuiltConsole } from '../../console/api/start.js';
import { ApiClient, addUser, SETUP_CODE, sampleDataDir, tempDataDir, testConsole } from '../support/console.js';

describe('the console over the sample plant', () => {
  let data: { dir: string; remove(): void };
  let built: BuiltConsole;
  let client: ApiClient;
  beforeAll(async () => {
    data = sampleDataDir();
    await addUser(data.dir, 'anna', 'admin');
    built = await testConsole(data.dir);
    client = new ApiClient(built);
    const answer = await client.signIn('anna');
    expect(answer.status).toBe(200);
  });
  afterAll(async () => {
    await built.close();
    data.remove();
  });
  it('answers', async () => {
    for (const u of [
      'overview',
      'alerts',
      'alerts/alert-write',
      'assets',
      'assets/asset-plc1',
      'conversations',
      'health',
      'baseline',
      'audit',
      'session',
      'alerts/alert-write/packets.pcapng',
    ]) {
      const a = await client.get(`/api/v1/${u}`);
      expect(a.status).toBe(200);
    }
  });
});
