// Goes on when every client's frame has answered, or after a while.
const next = document.getElementById('continue');
const frames = [...document.querySelectorAll('iframe')];
let open = frames.length;
const go = () => { if (next) location.replace(next.href); };
for (const frame of frames) frame.addEventListener('load', () => { if (--open === 0) go(); });
if (open === 0) go();
setTimeout(go, 5000);
