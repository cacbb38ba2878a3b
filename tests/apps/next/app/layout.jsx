export const metadata = { title: 'An app by Next.js', icons: { icon: 'data:,' } };

export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>;
}
