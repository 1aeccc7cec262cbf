import type { ReactNode } from "react";
import "./globals.css";

export const metadata = { title: "Check-in" };

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body className="mx-auto max-w-2xl p-8 font-sans text-slate-800">{children}</body>
    </html>
  );
}
