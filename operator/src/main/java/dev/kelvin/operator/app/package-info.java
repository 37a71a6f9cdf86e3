/** The process: wiring, when to look, and what is logged. */
package dev.kelvin.operator.app;
