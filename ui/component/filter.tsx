import type { Child } from "hono/jsx";
import { Icon } from "./icon.tsx";

interface FilterProps {
  /** The list's own address: a filter is a part of it, so that it can be shared. */
  action: string;
  /** What is filtered, in the plural: "devices". */
  what: string;
  search: string;
  placeholder: string;
  /** Comes before the search. */
  lead?: Child;
  children?: Child;
}

/** Narrows a list. It applies itself on change; the button is for a browser without script. */
export function Filter({ action, what, search, placeholder, lead, children }: FilterProps) {
  return (
    <form class="filter" method="get" action={action} data-apply aria-label={`Filter ${what}`} role="search">
      {lead}
      <span class="search">
        <Icon name="search" />
        <input
          type="search"
          name="search"
          value={search}
          placeholder={placeholder}
          aria-label={`Search ${what}`}
          maxlength={100}
        />
      </span>
      {children}
      <button class="button quiet" type="submit">
        Apply
      </button>
    </form>
  );
}

interface FilterChoiceProps {
  label: string;
  name: string;
  value: string;
  /** Value and what a person reads. */
  options: readonly (readonly [value: string, text: string])[];
}

export function FilterChoice({ label, name, value, options }: FilterChoiceProps) {
  return (
    <label>
      {label}
      <select name={name}>
        <option value="">any</option>
        {options.map(([option, text]) => (
          <option value={option} selected={option === value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Which site, of those there are. */
export function FilterSite({ value, sites }: { value: string; sites: readonly { name: string; title: string }[] }) {
  const options = sites.map((site) => [site.name, site.title] as const);
  return <FilterChoice label="Site" name="site" value={value} options={options} />;
}
