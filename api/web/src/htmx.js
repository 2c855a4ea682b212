// htmx for the hx-* attributes of templates. Its indicator styles and its running of code from attributes are left out:
// the content policy forbids the latter anyway. Requests go to this service alone (its mode is same-origin).
import htmx from "htmx.org";

htmx.config.includeIndicatorCSS = false;
