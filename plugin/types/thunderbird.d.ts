// What Thunderbird has and the typings, which are older, lack. See webextension-api.thunderbird.net.
declare namespace browser.scripting {
  function executeScript(how: { target: { tabId: number }; files: string[] }): Promise<unknown[]>;
}
declare namespace browser.scripting.compose {
  interface Script {
    id: string;
    js: string[];
  }
  function getRegisteredScripts(filter: { ids: string[] }): Promise<Script[]>;
  function registerScripts(scripts: Script[]): Promise<void>;
}
declare namespace browser.messages {
  function listInlineTextParts(messageId: number): Promise<{ contentType: string; content: string }[]>;
}
declare namespace browser.messengerUtilities {
  function convertToPlainText(html: string): Promise<string>;
}
