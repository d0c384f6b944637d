// What a script can add to pages that work without one: live status, countdown, copy, share, save, and help when leaving fails.
(() => {
  "use strict";
  const page = document.body.dataset;
  const announcer = document.getElementById("announce");
  const announce = (text) => { if (announcer && announcer.textContent !== text) announcer.textContent = text; };
  const all = (selector) => document.querySelectorAll(selector);

  for (const element of all(".scripted")) element.hidden = false;
  for (const element of all(".scriptless")) element.hidden = true;

  // Live status. A newer status than the page shows makes the page load again; the server draws the receipt.
  let seen = Number(page.seq);
  let ended = false;
  let stream = null;
  // A form is on its way: news of what it began must not take the page back before the form's own answer is here.
  let leaving = false;
  function heard(news) {
    if (ended || leaving || !Number.isSafeInteger(news.seq) || news.seq < seen) return;
    seen = news.seq;
    const same = news.seq === Number(page.seq) && news.status === page.status
      && (!page.linkStatus || !news.link_status || news.link_status === page.linkStatus);
    if (same) {
      if (news.final) end();
      return;
    }
    // A page may lag behind its news for a moment, but must never spin: three loads for the same news, each later than the last.
    const key = "heard:" + location.pathname;
    const mark = [news.seq, news.status, news.link_status].join(" ");
    let tries = 0;
    try {
      const [before, count] = (sessionStorage.getItem(key) || "").split("|");
      if (before === mark) tries = Number(count) || 0;
      if (tries >= 3) return;
      sessionStorage.setItem(key, mark + "|" + (tries + 1));
    } catch {
      tries = 2; // storage may be forbidden
    }
    end();
    announce(page.changed);
    setTimeout(() => { if (!leaving) location.reload(); }, [300, 3000, 10000][tries]);
  }
  function end() {
    ended = true;
    if (stream) stream.close();
  }

  let timer = 0;
  let wait = 2000;
  async function look() {
    clearTimeout(timer);
    if (ended || document.hidden) return;
    try {
      const answer = await fetch(page.live + "/status", { cache: "no-store", headers: { accept: "application/json" } });
      if (answer.ok) {
        heard(await answer.json());
        wait = Math.min(wait * 1.5, 15000);
      } else if (answer.status === 404 && !leaving) {
        ended = true;
        location.reload();
      } else {
        wait = Math.min(wait * 2, 60000);
      }
    } catch {
      wait = Math.min(wait * 2, 60000);
    }
    if (!ended && !(stream && stream.readyState === EventSource.OPEN)) timer = setTimeout(look, wait);
  }
  function listen() {
    if (ended || !window.EventSource || (stream && stream.readyState !== EventSource.CLOSED)) return;
    stream = new EventSource(page.live + "/events");
    stream.addEventListener("order", (event) => {
      try { heard(JSON.parse(event.data)); } catch { look(); }
    });
    stream.onopen = () => { wait = 2000; clearTimeout(timer); };
    stream.onerror = () => {
      if (!ended) { clearTimeout(timer); timer = setTimeout(look, wait); }
    };
  }
  // Whoever comes back may have paid meanwhile: the server asks the wallet now instead of at its next turn.
  function again() {
    wait = 2000;
    if (!ended) fetch(page.live + "/check", { method: "POST" }).catch(() => {});
    look();
    listen();
  }
  if (page.live) {
    listen();
    if (!stream) look();
    document.addEventListener("visibilitychange", () => { if (!document.hidden) again(); });
    addEventListener("submit", (event) => { if (!event.defaultPrevented) leaving = true; });
    addEventListener("pageshow", (event) => { leaving = false; if (event.persisted) again(); });
    addEventListener("online", again);
    // What ends by the clock alone is told by nobody.
    if (page.fades) setTimeout(() => { if (!leaving) location.reload(); }, (Number(page.fades) + 1) * 1000);
    addEventListener("offline", () => announce(page.offline));
    addEventListener("pagehide", () => { if (stream) stream.close(); clearTimeout(timer); });
  }

  // Countdown: from the seconds that the server counted, because a phone's clock may be wrong. Date.now also runs while a phone sleeps.
  const born = Date.now();
  for (const box of all("[data-countdown]")) {
    const total = Number(box.dataset.countdown);
    const figures = box.querySelector("b");
    const two = (number) => String(number).padStart(2, "0");
    const tick = () => {
      const left = Math.max(0, total - Math.floor((Date.now() - born) / 1000));
      const hours = Math.floor(left / 3600);
      const minutes = Math.floor(left / 60) % 60;
      figures.textContent = (hours ? hours + ":" + two(minutes) : minutes) + ":" + two(left % 60);
      // Many hours are told better by the clock time beside it.
      box.hidden = left > 21600;
      if (left > 0) { setTimeout(tick, 1000 - ((Date.now() - born) % 1000)); return; }
      if (total > 0) { box.textContent = page.timeUp; setTimeout(again, 1000); }
    };
    if (figures) tick();
  }

  // Copy and share.
  for (const button of all("[data-copy]")) {
    const field = document.getElementById(button.dataset.copy);
    if (!field) continue;
    const name = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      let done = false;
      try {
        await navigator.clipboard.writeText(field.value);
        done = true;
      } catch {
        field.focus();
        field.select();
        field.setSelectionRange(0, field.value.length);
        try { done = document.execCommand("copy"); } catch { /* the words below say how to do it by hand */ }
      }
      announce(done ? page.copied : page.copyFailed);
      button.textContent = done ? page.copied : name;
      if (done) setTimeout(() => { button.textContent = name; }, 2500);
    });
  }
  for (const button of all("[data-share-url]")) {
    if (!navigator.share) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      // The address stands in the words, too; whoever gets both must not see it twice.
      const { shareText: words, shareUrl: url } = button.dataset;
      navigator.share({ text: words.replace(url, "").trim(), url }).catch(() => {});
    });
  }

  // Save: where a download would miss the album, the share sheet has "Save Image". The file must be ready before the tap.
  for (const link of all("[data-save]")) {
    if (!navigator.canShare || !window.File) continue;
    let file = null;
    fetch(link.dataset.save).then((answer) => (answer.ok ? answer.blob() : null)).then((blob) => {
      if (!blob) return;
      const made = new File([blob], "payment.png", { type: "image/png" });
      if (navigator.canShare({ files: [made] })) file = made;
    }).catch(() => {});
    link.addEventListener("click", (event) => {
      if (!file) return;
      event.preventDefault();
      navigator.share({ files: [file] }).catch((error) => {
        if (error.name !== "AbortError") { file = null; link.click(); }
      });
    });
  }

  // Leaving for a wallet: if the page is still in front 2.5 s after the tap, the wallet did not open; show the other way in place.
  for (const link of all("[data-leave]")) {
    link.addEventListener("click", () => {
      let left = false;
      const gone = () => { if (document.hidden) left = true; };
      document.addEventListener("visibilitychange", gone);
      setTimeout(() => {
        document.removeEventListener("visibilitychange", gone);
        const stuck = document.querySelector("[data-stuck]");
        if (left || document.hidden || !stuck) return;
        stuck.open = true;
        announce(stuck.querySelector("summary").textContent);
        stuck.scrollIntoView({ block: "nearest" });
      }, 2500);
    });
  }

  // Inside a wallet, this page asks the wallet to pay. Whatever it answers, only the server's own question decides.
  for (const button of all("[data-bridge]")) {
    const say = (failed) => {
      const note = document.querySelector("[data-bridge-failed]");
      const stuck = document.querySelector("[data-stuck]");
      if (note) note.hidden = !failed;
      if (stuck && failed) stuck.open = true;
      if (note && failed) announce(note.textContent);
    };
    let waiting = 0;
    const pay = () => {
      clearTimeout(waiting);
      window.WeixinJSBridge.invoke("getBrandWCPayRequest", JSON.parse(button.dataset.bridge), (answer) => {
        button.disabled = false;
        say(!answer || answer.err_msg !== "get_brand_wcpay_request:ok");
        again();
      });
    };
    button.addEventListener("click", () => {
      button.disabled = true;
      say(false);
      if (window.WeixinJSBridge) { pay(); return; }
      document.addEventListener("WeixinJSBridgeReady", pay, { once: true });
      waiting = setTimeout(() => {
        document.removeEventListener("WeixinJSBridgeReady", pay);
        button.disabled = false;
        say(true);
      }, 2500);
    });
  }

  // A second tap on a button must not send its form twice.
  for (const form of all("form[method=post]")) {
    let sent = false;
    form.addEventListener("submit", (event) => {
      if (sent) event.preventDefault();
      sent = true;
      setTimeout(() => { sent = false; }, 4000);
    });
  }

  // Details of one name close each other where the browser does not do it by itself.
  const named = all("details[name]");
  for (const one of named) {
    one.addEventListener("toggle", () => {
      if (one.open) for (const other of named) if (other !== one && other.name === one.name) other.open = false;
    });
  }
})();
