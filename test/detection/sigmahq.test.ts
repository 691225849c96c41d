import { describe, expect, test } from 'vitest';
import { recordKindsOf } from '../../sensor/detection/taxonomy.js';
import { matches, parse, parseAll, warningsOf } from './rules.js';

/** Rules as SigmaHQ's collection has them: the ways of writing that occur there, in rules of our own. */
const head = (logsource: string) =>
  `title: Some rule\nid: 11111111-1111-4111-8111-111111111111\nrelated:\n    - id: 21111111-1111-4111-8111-111111111111\n      type: derived\nstatus: test\ndescription: |\n    Two\n    lines\nreferences:\n    - https://example.org/a?b=c#d\nauthor: '@somebody, somebody else (somewhere)'\ndate: 2021/04/03\nmodified: 2023-11-15\ntags:\n    - attack.defense-evasion\n    - attack.t1059.001\n    - cve.2021-1234\n    - detection.emerging-threats\nlogsource:\n    ${logsource}\n`;
const tail = 'falsepositives:\n    - Unlikely\nlevel: high\nregression_tests_path: some/info.yml\n';

type Case = readonly [name: string, logsource: string, detection: string, hits: object[], misses: object[]];

const CASES: readonly Case[] = [
  [
    'process creation, several selections and filters',
    'category: process_creation\n    product: windows',
    `detection:
    selection_img:
        - Image|endswith: '\\schtasks.exe'
        - OriginalFileName: 'schtasks.exe' # renamed
    selection_cli:
        CommandLine|contains|windash:
            - ' -create '
            - ' -change '
    selection_susp:
        - CommandLine|contains|all:
              - '%AppData%'
              - ' /tr '
        - CommandLine|re: '(?i)\\s-e(c|nc)?\\s'
    filter_main_system:
        User|contains: # covers many language settings
            - 'AUTHORI'
            - 'AUTORI'
    filter_main_null:
        ParentImage: null
    filter_main_empty:
        ParentImage: ''
    filter_optional_chrome:
        ParentImage:
            - 'C:\\Program Files\\Google\\Chrome.exe'
            - 'C:\\Program Files (x86)\\Google\\Chrome.exe'
        CommandLine|endswith: '.exe"'
    condition: all of selection_* and not 1 of filter_main_* and not 1 of filter_optional_*
`,
    [
      { Image: 'C:\\Windows\\SCHTASKS.exe', CommandLine: 'schtasks /create x /TR %appdata%', ParentImage: 'x' },
      { OriginalFileName: 'schtasks.exe', CommandLine: 's \u2014Change -ENC x', ParentImage: 'x', User: 'me' },
    ],
    [
      { Image: 'C:\\Windows\\SCHTASKS.exe', CommandLine: 'schtasks /create x /TR %appdata%' },
      { Image: 'C:\\Windows\\SCHTASKS.exe', CommandLine: 'schtasks /create x /TR %appdata%', ParentImage: '' },
      { Image: 'schtasks.exe', CommandLine: 'schtasks /create x /TR %appdata%', ParentImage: 'x' },
      {
        OriginalFileName: 'schtasks.exe',
        CommandLine: 's \u2014Change -ENC x.exe"',
        ParentImage: 'c:\\program files\\google\\chrome.EXE',
      },
      { OriginalFileName: 'schtasks.exe', CommandLine: 's -change -ENC x', ParentImage: 'x', User: 'NT AUTHORITY' },
    ],
  ],
  [
    'auditd: execve arguments',
    'product: linux\n    service: auditd',
    `detection:
    selection:
        type: EXECVE
        a0: chmod
        a1|startswith: '+'
    suid:
        - a1|contains: 's'
        - a2|re: '^[0-9]{4}$'
    condition: selection and suid
`,
    [
      { type: 'EXECVE', a0: 'chmod', a1: '+s' },
      { type: 'execve', a0: 'chmod', a1: '+x', a2: 4755 },
    ],
    [
      { type: 'EXECVE', a0: 'chmod', a1: '+x', a2: '755' },
      { type: 'SYSCALL', a0: 'chmod', a1: '+s' },
    ],
  ],
  [
    'cloud trail: dotted names, nested or not',
    'product: aws\n    service: cloudtrail',
    `detection:
    selection:
        eventSource: 'iam.amazonaws.com'
        eventName|startswith: 'Create'
        userIdentity.sessionContext.attributes.mfaAuthenticated: 'false'
    filter:
        userIdentity.arn|endswith: ':root'
    errors:
        errorCode|exists: false
    condition: selection and errors and not filter
`,
    [
      {
        eventSource: 'iam.amazonaws.com',
        eventName: 'CreateUser',
        userIdentity: { arn: 'x:y', sessionContext: { attributes: { mfaAuthenticated: 'false' } } },
      },
      {
        eventSource: 'iam.amazonaws.com',
        eventName: 'CreateUser',
        'userIdentity.sessionContext.attributes.mfaAuthenticated': false,
      },
    ],
    [
      {
        eventSource: 'iam.amazonaws.com',
        eventName: 'CreateUser',
        errorCode: null,
        userIdentity: { sessionContext: { attributes: { mfaAuthenticated: 'false' } } },
      },
      { eventSource: 'iam.amazonaws.com', eventName: 'CreateUser' },
    ],
  ],
  [
    'keywords, any and all',
    'product: linux',
    `detection:
    keywords:
        - 'stopping iptables'
        - 'rm *-rf /'
        - '\\\\pipe\\\\x'
    more:
        '|all':
            - 'ERROR'
            - 'code 17'
    condition: keywords or more
`,
    [
      { message: 'Stopping iptables.' },
      { a: { b: 'x rm -v -rf /' } },
      { a: 'error', b: 'exit code 17' },
      { a: '\\pipe\\x' },
    ],
    [{ message: 'iptables' }, { a: 'error' }],
  ],
  [
    'web server and proxy: names with hyphens',
    'category: webserver',
    `detection:
    selection:
        cs-method: 'GET'
        cs-uri-query|contains:
            - "' or 1=1"
            - '%27'
            - '$[jndi:'
        sc-status: 200
    filter:
        c-useragent|startswith: 'Mozilla/5.0 (compatible; '
        r-dns|endswith:
            - '.example.org'
    condition: selection and not filter
`,
    [
      { 'cs-method': 'GET', 'cs-uri-query': "a=b' OR 1=1", 'sc-status': 200 },
      { 'cs-method': 'get', 'cs-uri-query': 'x=$[jndi:ldap]', 'sc-status': '200', 'r-dns': 'a.example.org' },
    ],
    [{ 'cs-method': 'GET', 'cs-uri-query': '%27', 'sc-status': 404 }],
  ],
  [
    'names with spaces, at signs and slashes',
    'product: azure\n    service: auditlogs',
    `detection:
    selection:
        properties.message: 'Delete application'
        '@timestamp|exists': true
        Target Name|contains: 'x'
        ActivityDetails/Sub: 1
    condition: selection
`,
    [
      {
        properties: { message: 'delete application' },
        '@timestamp': 'x',
        'Target Name': 'xy',
        'ActivityDetails/Sub': 1,
      },
    ],
    [{ properties: { message: 'delete application' }, 'Target Name': 'xy' }],
  ],
  [
    'fields compared, networks, numbers',
    'product: windows\n    service: security',
    `detection:
    selection:
        EventID:
            - 4624
            - 4625
        LogonType: 3
        SubjectUserName|fieldref: TargetUserName
        IpAddress|cidr:
            - '127.0.0.0/8'
            - '::1/128'
    filter_dollar:
        TargetUserName|endswith: '$'
    condition: selection and not 1 of filter*
`,
    [
      { EventID: 4624, LogonType: 3, SubjectUserName: 'A', TargetUserName: 'a', IpAddress: '127.0.0.1' },
      { EventID: '4625', LogonType: '3', SubjectUserName: 'A', TargetUserName: 'a', IpAddress: '::1' },
    ],
    [
      { EventID: 4624, LogonType: 3, SubjectUserName: 'A', TargetUserName: 'b', IpAddress: '127.0.0.1' },
      { EventID: 4624, LogonType: 3, SubjectUserName: 'A$', TargetUserName: 'a$', IpAddress: '127.0.0.1' },
      { EventID: 4624, LogonType: 3, SubjectUserName: 'A', TargetUserName: 'a', IpAddress: '-' },
    ],
  ],
  [
    'encoded command lines',
    'product: windows\n    category: ps_script',
    `detection:
    encoded:
        ScriptBlockText|wide|base64offset|contains: 'WriteProcessMemory'
    plain:
        ScriptBlockText|base64offset|contains:
            - 'http://'
            - 'https://'
    regex:
        - ScriptBlockText|re: '"(\\{\\d\\}){2,}"\\s*-f'
        - ScriptBlockText|re: '\\w+\`(\\w+|-|.)\`[\\w+|\\s]'
        - ScriptBlockText|re: 'cmd.{0,5}(?:/c|/r)(?:\\s|)"set\\s[a-zA-Z]{3,6}.*(?:\\{\\d\\}){1,}\\\\"\\s+?-f(?:.*\\)){1,}.*"'
    condition: 1 of encoded or plain or regex
`,
    [
      { ScriptBlockText: Buffer.from('x WriteProcessMemory y', 'utf16le').toString('base64') },
      { ScriptBlockText: Buffer.from('see https://x').toString('base64') },
      { ScriptBlockText: "& (\"{0}{1}\"-f 'a','b')" },
      { ScriptBlockText: 'I`N`V x' },
    ],
    [{ ScriptBlockText: 'WriteProcessMemory https://x' }],
  ],
  [
    'YAML as it is written there',
    'product: rpc_firewall\n    category: application\n    definition: \'Requirements: install it: "x" {y}\'',
    `detection:
    selection:
        EventLog: RPCFW
        EventID: 3
        InterfaceUuid: 367abb81-9804-8f68-4c1c-5f6e2a3b0c1d
        Hex: '0x1'
        Plain: \\AppData\\Local\\x
        Folded: >-
            one
            two
        Number: 0x10
    condition:
        selection
`,
    [
      {
        EventLog: 'rpcfw',
        EventID: 3,
        InterfaceUuid: '367ABB81-9804-8f68-4c1c-5f6e2a3b0c1d',
        Hex: '0x1',
        Plain: '\\AppData\\Local\\X',
        Folded: 'one two',
        Number: 16,
      },
    ],
    [{ EventLog: 'rpcfw', EventID: 3 }],
  ],
];

describe('rules as SigmaHQ has them', () => {
  test.each(CASES)('%s', (_name, logsource, detection, hits, misses) => {
    const text = head(logsource) + detection + tail;
    const rule = parse(text);
    expect(warningsOf(text).filter(({ reason }) => !reason.includes('no search matches'))).toEqual([]);
    for (const event of hits) expect(matches(rule, event as Record<string, unknown>), JSON.stringify(event)).toBe(true);
    for (const event of misses)
      expect(matches(rule, event as Record<string, unknown>), JSON.stringify(event)).toBe(false);
  });

  test('a list of thousands of values takes a moment', () => {
    const list = Array.from({ length: 20_000 }, (_, index) => `            - '|${index}.example.org'`).join('\n');
    const text = `${head('category: dns')}detection:\n    s:\n        query|endswith:\n${list}\n    condition: s\n${tail}`;
    const rule = parse(text);
    expect(matches(rule, { query: 'a|19999.example.org' })).toBe(true);
  });

  test('placeholders: the rule loads, is told, and rests until they have values', () => {
    const text = `${head('product: windows')}detection:\n    s:\n        Workstation|expand: '%Admins-Workstations%'\n    condition: not s\n${tail}`;
    expect(warningsOf(text)[0]?.reason).toMatch(/not used until %Admins-Workstations% has a value/);
    expect(matches(parse(text), { Workstation: 'x' })).toBe(false);
    const values = new Map([['Admins-Workstations', ['w1']]]);
    expect(matches(parse(text, values), { Workstation: 'x' })).toBe(true);
    expect(matches(parse(text, values), { Workstation: 'W1' })).toBe(false);
  });

  test('what is only odd is told with its place, and loads', () => {
    const text = `${head('product: windows')}detection:\n    s:\n        a|contains|all: x\n        b: [1, null]\n    timeframe: 5m\n    condition: s\nlevel: high\nfalsepositives: none\n`;
    expect(parseAll(text)).toHaveLength(1);
    expect(warningsOf(text).map(({ line, reason }) => `${line} ${reason}`)).toEqual([
      expect.stringMatching(/^29 "falsepositives" should be a list/),
      expect.stringMatching(/^24 "all" with one value has no effect/),
      expect.stringMatching(/^25 null in a list of values/),
      expect.stringMatching(/^26 "timeframe" has no effect/),
    ]);
  });
});

test.each<[source: Record<string, string>, kinds: string[]]>([
  [{ product: 'fieldwatch', service: 'modbus' }, ['modbus']],
  [{ service: 'modbus' }, ['modbus']],
  [{ product: 'zeek', service: 'modbus_detailed' }, ['modbus']],
  [{ product: 'zeek', service: 'conn' }, ['connection']],
  [{ category: 'network', service: 'connection' }, ['connection']],
  [{ category: 'firewall' }, ['connection']],
  [{ product: 'ot' }, ['modbus', 's7comm']],
  [{ product: 'zeek', service: 'smb_files' }, []],
  [{ product: 'zeek' }, []],
  [{ product: 'windows', category: 'process_creation' }, []],
  [{ category: 'process_creation' }, []],
  [{ product: 'windows', service: 'modbus' }, []],
  [{ service: 'constructor' }, []],
])('log source %j is about %j', (source, kinds) => {
  const full = { category: null, product: null, service: null, ...source };
  expect(recordKindsOf(full, ['modbus', 's7comm'])).toEqual(kinds);
});
