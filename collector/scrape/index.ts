export { type Scraper, startScraper } from "./scraper.ts";
