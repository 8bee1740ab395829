export { openSiteFile, type Passwords, type SiteFile, writeSiteFile } from "./site-file.ts";
