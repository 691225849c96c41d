import type { Acceptance } from '../../../sensor/model/baseline-document.ts';
import { t } from '../i18n/index.ts';
import { protocolName, roleName } from '../lib/format.ts';
import { Raw } from './text.tsx';

const OBJECTS_SHOWN = 4;

/** What an acceptance covers, as a person would say it. */
export function AcceptanceWords({ acceptance }: { acceptance: Acceptance }) {
  const { rule, client, server, client_role, server_role, protocol, object, objects, observed } = acceptance;
  const things = objects ?? (object === undefined ? [] : [object]);
  const more = things.length > OBJECTS_SHOWN ? ` ${t.decisions.more(things.length - OBJECTS_SHOWN)}` : '';
  return (
    <>
      {rule === undefined ? t.decisions.anyDetector : <Raw text={rule} mono />}{' '}
      {client_role !== undefined && server_role !== undefined ? (
        t.decisions.roles(roleName(client_role), roleName(server_role))
      ) : (
        <>
          {client !== undefined && <Raw text={client} mono />}
          {client !== undefined && server !== undefined && ' → '}
          {server !== undefined && <Raw text={server} mono />}
        </>
      )}
      {protocol !== undefined && (
        <>
          , <Raw text={protocolName(protocol)} />
        </>
      )}
      {things.length > 0 && (
        <>
          , <Raw text={t.decisions.onlyObject(things.slice(0, OBJECTS_SHOWN).join(', ') + more)} />
        </>
      )}
      {observed !== undefined && (
        <>
          , <Raw text={t.decisions.onlyObserved(observed)} />
        </>
      )}
    </>
  );
}
