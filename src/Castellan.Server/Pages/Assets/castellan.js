// Comforts that pages do without where scripts do not run.
for (const button of document.querySelectorAll('.reveal')) {
  const input = document.getElementById(button.getAttribute('aria-controls'));
  button.hidden = false;
  button.addEventListener('click', () => {
    const shown = input.type === 'text';
    input.type = shown ? 'password' : 'text';
    // What the button does is said by its name alone: a state beside it would say it twice, and the other way round.
    button.toggleAttribute('data-shown', !shown);
    button.setAttribute('aria-label', shown ? button.dataset.labelShow : button.dataset.labelHide);
  });
}
// Numbers whose digits stand in groups, as the realm's profile describes them: "({2}) {5}-{4}". A number that is not complete stays as it is typed.
const grouped = (text, groups) => {
  const size = [...groups.matchAll(/\{(\d+)\}/g)].reduce((sum, [, digits]) => sum + Number(digits), 0);
  const digits = text.replace(/\D/g, '').slice(0, size);
  let at = 0;
  return size === 0 || digits.length < size ? text : groups.replace(/\{(\d+)\}/g, (_, count) => digits.slice(at, at += Number(count)));
};
for (const input of document.querySelectorAll('input[data-kcNumberFormat]')) {
  const show = () => { input.value = grouped(input.value, input.dataset.kcnumberformat); };
  input.addEventListener('input', show);
  show();
}
for (const input of document.querySelectorAll('input[data-kcNumberUnFormat]')) {
  input.form.addEventListener('submit', () => { input.value = grouped(input.value, input.dataset.kcnumberunformat); });
}
for (const form of document.querySelectorAll('form[method=post]')) {
  form.addEventListener('submit', event => {
    if (form.dataset.sent) event.preventDefault(); // a second click must not spend the page's code twice
    form.dataset.sent = 'yes';
    setTimeout(() => delete form.dataset.sent, 5000);
  });
}
// Which device was chosen stands in a class as well, for programs.
const tiles = [...document.querySelectorAll('.pf-v5-c-tile')];
for (const tile of tiles) tile.addEventListener('change', () => tiles.forEach(each => each.classList.toggle('pf-m-selected', each === tile)));
const language = document.getElementById('login-select-toggle');
if (language) {
  language.hidden = false;
  language.addEventListener('change', () => location.assign(language.value));
}
// A page out of the browser's memory carries a code that was used already: ask for a new one.
addEventListener('pageshow', event => { if (event.persisted) location.reload(); });
// Recovery codes are for keeping: on paper, in a file, in a password manager.
const tools = document.getElementById('kc-recovery-codes-tools');
if (tools) {
  const codes = [...document.querySelectorAll('#kc-recovery-codes-list li')].map((code, index) => `${index + 1}: ${code.textContent}`).join('\n');
  const on = (id, act) => document.getElementById(id).addEventListener('click', act);
  tools.hidden = false;
  on('printRecoveryCodes', () => print());
  on('downloadRecoveryCodes', () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([`${tools.dataset.file}\n\n${codes}\n`], { type: 'text/plain' }));
    link.download = 'recovery-codes.txt';
    link.click();
    URL.revokeObjectURL(link.href);
  });
  on('copyRecoveryCodes', async event => {
    await navigator.clipboard.writeText(codes);
    event.target.textContent = event.target.dataset.done;
  });
}
