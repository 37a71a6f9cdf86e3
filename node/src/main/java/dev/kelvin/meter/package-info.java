/**
 * What a part counts and measures of itself, cheap enough for every request. Counts only ever grow;
 * who shows them is the affair of others.
 */
package dev.kelvin.meter;
