import type { Severity } from '../../../sensor/model/severity.ts';
import { said, t } from '../i18n/index.ts';
import { post } from '../lib/api.ts';
import { SEVERITIES } from '../lib/lists.ts';
import { to, useLocation } from '../lib/router.ts';
import { encodeId, visible } from '../lib/text.ts';
import type { RuleRow } from '../lib/types.ts';
import { FormDialog, FormField, text } from './form-dialog.tsx';
import { icons } from './icons.tsx';
import { Tabs } from './network-tabs.tsx';
import { SeverityLabel } from './parts.tsx';
import { Raw } from './text.tsx';
import { toast } from './toasts.tsx';

/** The list, and what keeps its rules quiet. */
export function RuleTabs() {
  const { path } = useLocation();
  return (
    <Tabs
      label={t.rules.tabs}
      path={path}
      tabs={[
        [to.rules, t.rules.list],
        [to.exceptions, t.ruleWork.exceptions],
        [to.mutes, t.rules.mutes],
        [to.maintenance, t.rules.maintenance],
        [to.coverage, t.rules.coverage],
      ]}
    />
  );
}

function isSeverity(level: string): level is Severity {
  return (SEVERITIES as readonly string[]).includes(level);
}

export function LevelLabel({ level }: { level: string }) {
  return isSeverity(level) ? <SeverityLabel severity={level} /> : <Raw text={level} />;
}

export function StateBadge({ rule }: { rule: RuleRow }) {
  if (rule.problem !== '') return <span class="badge badge-critical">{t.ruleWork.notUsed}</span>;
  if (rule.console && !rule.enabled) return <span class="badge">{t.ruleWork.proposed}</span>;
  return (
    <>
      <span class={rule.enabled ? 'badge badge-good' : 'badge badge-medium'}>
        {rule.enabled ? t.rules.on : t.rules.off}
      </span>
      {rule.proposed && <span class="badge">{t.ruleWork.newerProposed}</span>}
    </>
  );
}

/** Asks why a rule is switched, and switches it. */
export function SwitchDialog({ rule, onDone, onClose }: { rule: RuleRow; onDone: () => void; onClose: () => void }) {
  return (
    <FormDialog
      title={t.rules.switchTitle(visible(said(rule.title)), !rule.enabled)}
      text={t.rules.switchText}
      submit={rule.enabled ? t.rules.switchOff : t.rules.switchOn}
      onClose={onClose}
      send={async (form) => {
        await post(`/rules/${encodeId(rule.id)}/enabled`, { enabled: !rule.enabled, reason: text(form, 'reason') });
        toast(t.rules.switched);
        onDone();
      }}
    >
      <FormField label={t.rules.reason} id="reason">
        <textarea id="reason" name="reason" rows={2} minLength={3} maxLength={500} required />
      </FormField>
    </FormDialog>
  );
}

export function BackToRules({ isException }: { isException: boolean }) {
  return isException ? (
    <a class="back" href={to.exceptions}>
      {icons.back()}
      {t.ruleWork.backExceptions}
    </a>
  ) : (
    <a class="back" href={to.rules}>
      {icons.back()}
      {t.ruleWork.back}
    </a>
  );
}
