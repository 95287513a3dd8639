// Comforts that pages do without where scripts do not run.
for (const button of document.querySelectorAll('.reveal')) {
  const input = document.getElementById(button.getAttribute('aria-controls'));
  button.hidden = false;
  button.addEventListener('click', () => {
    const shown = input.type === 'text';
    input.type = shown ? 'password' : 'text';
    button.setAttribute('aria-pressed', String(!shown));
    button.setAttribute('aria-label', shown ? button.dataset.show : button.dataset.hide);
  });
}
for (const form of document.querySelectorAll('form[method=post]')) {
  form.addEventListener('submit', event => {
    if (form.dataset.sent) event.preventDefault(); // a second click must not spend the page's code twice
    form.dataset.sent = 'yes';
    setTimeout(() => delete form.dataset.sent, 5000);
  });
}
// A page out of the browser's memory carries a code that was used already: ask for a new one.
addEventListener('pageshow', event => { if (event.persisted) location.reload(); });
