export const greeting = "Open all day";
