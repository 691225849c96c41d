import type { IdentitySource } from './source.js';
import { ads } from './sources/ads.js';
import { bacnet, bacnetEthernet } from './sources/bacnet.js';
import { cdp } from './sources/cdp.js';
import { dhcp } from './sources/dhcp.js';
import { dnp3 } from './sources/dnp3.js';
import { dns, llmnr, mdns } from './sources/dns.js';
import { enip } from './sources/enip.js';
import { fins } from './sources/fins.js';
import { fox } from './sources/fox.js';
import { goose } from './sources/goose.js';
import { greeting, telnet } from './sources/greeting.js';
import { hartIp } from './sources/hart-ip.js';
import { http } from './sources/http.js';
import { knx } from './sources/knx.js';
import { lldp } from './sources/lldp.js';
import { melsec } from './sources/melsec.js';
import { mms } from './sources/mms.js';
import { mqtt } from './sources/mqtt.js';
import { browser, nbns } from './sources/netbios.js';
import { ntlm } from './sources/ntlm.js';
import { profinetDcp } from './sources/profinet-dcp.js';
import { profinetIo } from './sources/profinet-io.js';
import { vnc } from './sources/remote-desktop.js';
import { snmp } from './sources/snmp.js';
import { ssdp } from './sources/ssdp.js';
import { ssh } from './sources/ssh.js';
import { synchrophasor } from './sources/synchrophasor.js';
import { tls } from './sources/tls.js';
import { wsDiscovery } from './sources/ws-discovery.js';

/** Where devices say who they are, one line each. */
export const IDENTITY_SOURCES: readonly IdentitySource[] = [
  lldp,
  cdp,
  profinetDcp,
  profinetIo,
  enip,
  bacnet,
  bacnetEthernet,
  fins,
  dnp3,
  mms,
  hartIp,
  goose,
  synchrophasor,
  ads,
  melsec,
  knx,
  fox,
  snmp,
  dhcp,
  mdns,
  llmnr,
  dns,
  nbns,
  browser,
  ntlm,
  http,
  ssh,
  tls,
  greeting,
  telnet,
  ssdp,
  wsDiscovery,
  vnc,
  mqtt,
];
