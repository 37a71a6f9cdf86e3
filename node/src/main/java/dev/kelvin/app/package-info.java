/** The program: options, the start, and what is wired to what. */
package dev.kelvin.app;
