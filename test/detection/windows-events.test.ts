import { expect, test } from 'vitest';
import { hits } from './rules.js';

/** The shape that evtx_dump gives events of the Windows event log, as in SigmaHQ's regression data. */
const DEFENDER = {
  Event: {
    '#attributes': { xmlns: 'http://schemas.microsoft.com/win/2004/08/events/event' },
    System: {
      Provider: { '#attributes': { Name: 'Microsoft-Windows-Windows Defender', Guid: '11CD958A' } },
      EventID: { '#attributes': { Qualifiers: 0 }, '#text': 1119 },
      TimeCreated: { '#attributes': { SystemTime: '2026-04-17T04:14:33.653414Z' } },
      Execution: { '#attributes': { ProcessID: 7380, ThreadID: 12856 } },
      Channel: 'Microsoft-Windows-Windows Defender/Operational',
      Correlation: null,
    },
    EventData: { 'Threat Name': 'Tool:EICAR', 'New Value': 'HKLM\\X = 0x1', Signed: true, LogonType: 3, Empty: null },
  },
};
const POWERSHELL = {
  Event: { System: { EventID: 600 }, EventData: { Data: { '#text': ['Environment', 'Set-Mp 1'] } } },
};
const NAMED = {
  Event: { System: { EventID: 1 }, EventData: { Data: [{ '#attributes': { Name: 'Image' }, '#text': 'C:\\a.exe' }] } },
};
const WMI = {
  Event: {
    System: { EventID: 5859, Provider: { '#attributes': { Name: 'WMI' } } },
    UserData: { Operation_EssStarted: { Query: 'select *', Provider: 'SCM', Processid: 3076 } },
  },
};
const SECURITY = { Event: { System: { EventID: 4688 }, EventData: { NewProcessName: 'C:\\x\\cmd.exe' } } };
const WINLOGBEAT = { winlog: { event_id: 1, event_data: { CommandLine: 'cmd /c' } } };

test.each<[item: string, event: Record<string, unknown>, expected: boolean]>([
  ['EventID: 1119', DEFENDER, true],
  ['EventID: 1120', DEFENDER, false],
  ['Provider_Name: Microsoft-Windows-Windows Defender', DEFENDER, true],
  ['Execution_ProcessID: 7380', DEFENDER, true],
  ["Channel|endswith: '/Operational'", DEFENDER, true],
  ['Event.System.Channel|exists: true', DEFENDER, true],
  ["ThreatName|endswith: 'EICAR'", DEFENDER, true],
  ["'Threat Name|endswith': 'EICAR'", DEFENDER, true],
  ["New_Value|contains: '\\X = 0x1'", DEFENDER, true],
  ["NewValue|contains: '\\X = 0x1'", DEFENDER, true],
  ["Signed: 'true'", DEFENDER, true],
  ["Signature|contains: 'EICAR'", DEFENDER, true],
  ['Filename: null', DEFENDER, true],
  ['LogonType: 3', DEFENDER, true],
  ["LogonType: '3'", DEFENDER, true],
  ['Empty: null', DEFENDER, true],
  ['Correlation: null', DEFENDER, true],
  ['ThreatID|exists: false', DEFENDER, true],
  ["Data|contains: 'set-mp'", POWERSHELL, true],
  ["Data|contains|all: ['set-mp', 'environment']", POWERSHELL, true],
  ["Data|contains: 'get-mp'", POWERSHELL, false],
  ["Image|endswith: '\\a.exe'", NAMED, true],
  ['Query: select \\*', WMI, true],
  ['Provider: SCM', WMI, false],
  ['Provider_Name: WMI', WMI, true],
  ["Image|endswith: '\\cmd.exe'", SECURITY, true],
  ["CommandLine|startswith: 'cmd'", WINLOGBEAT, true],
  ['event_id: 1', WINLOGBEAT, true],
  ['winlog.event_id: 1', WINLOGBEAT, true],
])('%s', (item, event, expected) => {
  expect(hits(item, event)).toBe(expected);
});
