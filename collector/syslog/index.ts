export { startSyslogReceiver, type SyslogReceiver } from "./receiver.ts";
