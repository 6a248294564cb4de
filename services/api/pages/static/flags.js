// The list of open flags (proposed, replied or confirmed) beside or below the ranking, newest first; it holds what fits and counts the rest.
// Notices about the feed stand at its end.

import { element, glyph } from './elements.js';
import { noticeItem, noticesOf } from './notices.js';

// How many flags fit. Beside the ranking a notice may take three lines: two of them take the room of three flags.
const FITS = { side: notices => 6 - Math.floor(notices * 3 / 2), bar: notices => 3 - notices, map: notices => 2 - notices, none: () => 0 };
const OPEN = ['proposed', 'replied', 'confirmed'];
export const SIGNS = { lead: 'star', urge: 'diamond', look: 'alert' };

// What is said of a flag: its state, or that a hold mutes it.
export function standing(flag) { return flag.hold ? 'muted' : flag.state; }

// Newest first; what a person confirmed stands before proposals of the same time.
function inOrder(a, b) {
  return b.as_of.localeCompare(a.as_of) || (b.state === 'confirmed') - (a.state === 'confirmed') || b.id.localeCompare(a.id);
}

export class Flags {
  constructor(state, words) {
    Object.assign(this, { words, panel: state.layout.panel, evaluated: state.evaluated, ranking: state.ranking });
    this.notices = noticesOf(state.evaluation, state.ranking, words);
    this.open = new Map(state.flags.map(flag => [flag.id, flag]));
    this.list = document.getElementById('flags');
    // The server wrote the times in the campaign's zone; the viewer reads them in theirs, as the clock is.
    for (const time of this.list?.querySelectorAll('time') ?? []) time.textContent = words.moment(new Date(time.dateTime), new Date());
  }

  take(flag) {
    if (OPEN.includes(flag.state)) this.open.set(flag.id, flag);
    else this.open.delete(flag.id);
    this.draw();
  }

  newest() { return [...this.open.values()].sort(inOrder); }

  // unit -> its open flag; the first of the list when there are several.
  byUnit() { return new Map(this.newest().reverse().map(flag => [flag.unit, flag])); }

  hasConfirmed() { return [...this.open.values()].some(flag => flag.state === 'confirmed'); }

  evaluate(evaluation) {
    this.evaluated = this.words.period(evaluation.period);
    this.notices = noticesOf(evaluation, this.ranking, this.words);
    if (this.notices.length && !this.list) return void location.reload(); // the page was drawn without a place for them
    this.draw();
  }

  draw() {
    if (!this.list) return;
    const newest = this.newest();
    const shown = newest.slice(0, FITS[this.panel](this.notices.length));
    const held = new Map([...this.list.children].map(item => [item.dataset.notice ?? `${item.dataset.state} ${item.dataset.flag}`, item]));
    // A flag that stays as it is keeps its element, or a screen reader would be told of it again; one that was decided is told.
    this.list.replaceChildren(
      ...shown.map(flag => held.get(`${standing(flag)} ${flag.id}`) ?? this.item(flag)),
      ...this.notices.map(notice => held.get(notice.why) ?? noticeItem(notice, this.panel, this.words)),
    );
    this.list.hidden = this.list.children.length === 0;
    const none = document.getElementById('no-flags');
    none.hidden = shown.length > 0 || (this.panel === 'bar' && this.notices.length > 0);
    if (this.panel !== 'bar') {
      const why = this.evaluated ? this.words.fill('no_flags_why', { time: this.evaluated }) : this.words.text.no_flags_yet;
      none.replaceChildren(element('b', '', this.words.text.no_flags), why);
      const more = document.getElementById('more');
      more.hidden = newest.length <= shown.length;
      more.textContent = this.words.fill('flag_more', { count: newest.length - shown.length });
    }
  }

  item(flag) {
    const { words } = this, { text } = words;
    const sign = element('span', `flag flag--${flag.tone}`, glyph(SIGNS[flag.tone], standing(flag) === 'confirmed'), text[`${standing(flag)}_${flag.kind}`]);
    const simulated = flag.simulated ? [element('span', 'sim', text.simulated)] : [];
    const interval = flag.interval && flag.interval[0] < flag.interval[1] ? ` (${words.interval(flag.interval)})` : '';
    const name = element('span', 'nm', flag.name);
    name.title = flag.name;
    const rank = flag.rank === null ? [text.flag_unranked] : [`${text.flag_rank} `, element('b', '', String(flag.rank))];
    const hits = element('b', '', words.fill('flag_hits', { hits: flag.hits, window: flag.window }));
    const item = element('li');
    item.dataset.flag = flag.id;
    item.dataset.state = standing(flag);
    if (this.panel === 'bar') {
      item.append(element('div', 'top', sign, name, ...simulated));
    } else {
      const when = element('time', '', words.moment(new Date(flag.as_of), new Date()));
      when.dateTime = flag.as_of;
      item.append(element('div', 'top', sign, when), element('div', 'who', name, ...simulated));
    }
    item.append(element('p', '', ...rank, `${interval}, `, hits, `, ${text.since} ${words.period(flag.since)}`));
    return item;
  }
}
