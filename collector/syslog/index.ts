export { startSyslogReceiver, type SyslogCounters, type SyslogReceiver } from "./receiver.ts";
