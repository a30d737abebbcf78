// Before anything is drawn: the scheme that was chosen here, else the system's.
let scheme = null
try {
  scheme = localStorage.getItem('tagboat-scheme')
} catch {}
if (scheme !== 'light' && scheme !== 'dark')
  scheme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
document.documentElement.dataset.mantineColorScheme = scheme
