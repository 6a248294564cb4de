// Notices about the feed, in words: figures that stand still, a group that leaps. They are about the feed, so no unit is named.

import { element, glyph } from './elements.js';

const MOST = 2;

// What an evaluation noticed; the ranking names the groups.
export function noticesOf(evaluation, ranking, words) {
  const titles = new Map(ranking.groups.map(group => [group.id, group.title[words.lang]]));
  return (evaluation.notices ?? []).slice(0, MOST).map(notice => ({
    kind: notice.kind,
    simulated: ranking.simulated || evaluation.simulated === true,
    why: words.fill(`${notice.kind}_why`, {
      share: words.percent(notice.value),
      limit: words.number(notice.limit, Number.isInteger(notice.limit) ? 0 : 2),
      group: titles.get(notice.group) ?? notice.group ?? '',
      units: notice.units.length,
      of: notice.of,
      since: words.period(notice.since),
    }),
  }));
}

export function noticeItem(notice, panel, words) {
  const { text } = words;
  const sign = element('span', 'flag flag--hold', glyph('alert'), text.feed);
  const what = [element('span', 'nm', text[notice.kind])];
  if (notice.simulated) what.push(element('span', 'sim', text.simulated));
  const why = element('p', '', notice.why);
  why.title = notice.why;
  const item = element('li');
  item.dataset.notice = notice.why;
  if (panel === 'bar') item.append(element('div', 'top', sign, ...what), why);
  else item.append(element('div', 'top', sign), element('div', 'who', ...what), why);
  return item;
}
