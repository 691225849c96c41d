import { t } from '../i18n/index.ts';
import { FormField } from './form-dialog.tsx';

/** Why somebody decides so: asked for with every decision about what is normal. */
export function ReasonField() {
  return (
    <FormField label={t.decisions.reason} hint={t.decisions.reasonHint} id="reason">
      <textarea id="reason" name="reason" rows={2} minLength={3} maxLength={500} required />
    </FormField>
  );
}
