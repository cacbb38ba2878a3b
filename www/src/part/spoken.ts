/** What a screen reader says about an activity: a sentence now and then, not every figure. */

import type { Activity } from '../activity.ts';
import { bytes, files, percent, sentence, timeLeft } from '../lib/format.ts';
import { share } from '../lib/share.ts';
import { stageText } from './progress.ts';

export function spoken(activity: Activity): string {
  const { progress } = activity;
  switch (activity.phase) {
    case 'walking': return `Looking through the files. ${files(progress.filesTotal)} so far.`;
    case 'planned': return `Ready: ${files(progress.filesTotal)}, ${bytes(progress.bytesTotal)}. Choose what to leave out, or back up now.`;
    case 'running': {
      const done = share(activity.kind, progress);
      const left = progress.millisecondsLeft === undefined || activity.paused ? '' : `, ${timeLeft(progress.millisecondsLeft)}`;
      const regained = activity.regained === undefined ? '' : ' The storage answers again.';
      const waiting = progress.stage === 'waiting' && progress.waiting ? ` ${sentence(progress.waiting)}` : '';
      return `${stageText(activity)}${done === undefined ? '' : `, ${percent(done)}`}${left}.${waiting}${regained}`;
    }
    case 'done': return 'Done. The report is shown.';
    case 'cancelled': return 'Cancelled.';
    case 'failed': return ''; // the alert speaks
  }
}
