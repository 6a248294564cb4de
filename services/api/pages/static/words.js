// Numbers, periods and times as a reader of the language writes them; formatting.py does the same for the first picture.

const MINUS = '−';

export class Words {
  constructor(lang, text) {
    this.lang = lang;
    this.text = text;
    this.formats = new Map();
  }

  number(value, decimals = 0) {
    if (!this.formats.has(decimals)) {
      this.formats.set(decimals, new Intl.NumberFormat(this.text.locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals, useGrouping: 'always', signDisplay: 'negative' }));
    }
    return this.formats.get(decimals).format(value).replace('-', MINUS);
  }

  signed(value, decimals) {
    const written = this.number(value, decimals);
    return value > 0 && written !== this.number(0, decimals) ? `+${written}` : written;
  }

  percent(share) { return String(Math.floor(share * 100 + 1e-9)); }

  interval([low, high]) { return low === high ? `${low}` : `${low}–${high}`; }

  fill(key, values = {}) { return this.text[key].replace(/\{(\w+)\}/g, (_, name) => values[name]); }

  period(text) {
    const forms = [
      [/^(\d{4})$/, 'p_year'], [/^(\d{4})-H1$/, 'p_half_1'], [/^(\d{4})-H2$/, 'p_half_2'], [/^(\d{4})-Q([1-4])$/, 'p_quarter'], [/^(\d{4})-9M$/, 'p_nine_months'],
      [/^(\d{4})-(\d\d)$/, 'p_month'], [/^(\d{4})-W(\d\d)$/, 'p_week'],
    ];
    for (const [form, key] of forms) {
      const found = form.exec(text);
      if (found) return this.fill(key, { year: found[1], n: (found[2] ?? '').replace(/^0/, '') });
    }
    const day = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
    if (day) return this.fill('p_day', { year: day[1], month: day[2], day: day[3] });
    const span = /^(\d{4})\/(\d{4})$/.exec(text);
    return span ? this.fill('p_span', { year: span[1], end: span[2] }) : text;
  }

  // A ranking's period, and what it is compared with.
  compared(ranking) {
    const { baseline } = ranking;
    return this.period(ranking.period) + (baseline ? ` ${this.text.compared} ${this.period(baseline.period)}` : ` · ${this.text.no_baseline}`);
  }

  duration(seconds) {
    const s = Math.floor(seconds);
    if (s < 60) return this.fill('d_seconds', { s });
    if (s < 3600) return this.fill('d_minutes', { m: Math.floor(s / 60), s: s % 60 });
    if (s < 172800) return this.fill('d_hours', { h: Math.floor(s / 3600), m: Math.floor(s % 3600 / 60) });
    return this.fill('d_days', { d: Math.floor(s / 86400) });
  }

  time(at) { return at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' }); }

  clock(at) { return at.toLocaleTimeString('en-GB'); }

  weekday(at) {
    const day = at.toLocaleDateString(this.text.locale, { weekday: 'long' });
    const date = at.toLocaleDateString('en-GB');
    const written = this.lang === 'vi' ? day.replace(/(^|\s)\p{L}/gu, letter => letter.toUpperCase()) : day;
    return `${written}, ${date}`;
  }

  moment(at, now) {
    return at.toDateString() === now.toDateString() ? this.time(at) : at.toLocaleDateString('en-GB', { day: '2-digit', month: '2-digit' });
  }

  instant(at, now) {
    return at.toDateString() === now.toDateString() ? this.time(at) : `${this.time(at)} ${this.moment(at, now)}`;
  }

  shortName(name) { return name.replace(/^Phường /, 'P. '); }

  countdown(seconds) { return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`; }
}
