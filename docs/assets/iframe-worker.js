// Browsers refuse workers to pages opened from the file system. The search is handed a hidden frame instead, which runs the
// worker's script on the page's own thread and passes messages to and fro.
(() => {
  if (location.protocol !== "file:") return;

  class IFrameWorker extends EventTarget {
    constructor(url) {
      super();
      this.waiting = [];
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.frame.title = "Search";
      this.frame.srcdoc = "<!doctype html><html><head></head></html>";
      this.frame.addEventListener("load", () => this.start(new URL(url, document.baseURI).href), { once: true });
      document.documentElement.append(this.frame);
    }

    start(address) {
      const inside = this.frame.contentWindow;
      const load = (from) =>
        new Promise((done, failed) => {
          const script = inside.document.createElement("script");
          script.addEventListener("load", done);
          script.addEventListener("error", () => failed(new Error(`${from} could not be loaded`)));
          script.src = from;
          inside.document.head.append(script);
        });
      inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      inside.importScripts = async (...addresses) => {
        for (const one of addresses) await load(one);
      };
      load(address).then(() => {
        const waiting = this.waiting;
        this.waiting = null;
        for (const data of waiting) this.postMessage(data);
      });
    }

    postMessage(data) {
      if (this.waiting) this.waiting.push(data);
      else this.frame.contentWindow.dispatchEvent(new this.frame.contentWindow.MessageEvent("message", { data }));
    }

    terminate() {
      this.frame.remove();
    }
  }

  window.IFrameWorker = IFrameWorker;
  window.Worker = IFrameWorker;
})();
