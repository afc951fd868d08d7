// What the host answers by itself, as host/ownhand/host/bridge.py and clients.py make it.
declare namespace Ownhand {
  interface Methods {
    "Host/Hello": { request: {}; response: HostHello };
    "Host/Start": { request: {}; response: HostHello };
    "Host/Accounts": { request: {}; response: { accounts: HostAccount[] } };
  }
  interface HostHello {
    protocol: number;
    daemon: { version: string; pid: number } | null;
  }
  interface HostAccount {
    key: string;
    kind: "imap" | "pop3";
    address: string;
    display_name: string;
    host: string;
    port: number;
    security: ServerSecurity;
    user: string;
    oauth: boolean;
    sent_folder: string;
    identities: { address: string; display_name: string }[];
  }
}
