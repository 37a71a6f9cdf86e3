/** Clients that leave a history: what they ask for, how they try again, what a result means. */
package dev.kelvin.checker.client;
